// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @sequence
// CHECK-NEXT:    %0 = nn.mask_steps %arg0, %arg1 {value = -1.000000e+00 : f64} : tensor<2x5x3xf32>, tensor<2xi32> -> tensor<2x5x3xf32>
func.func @sequence(%arg0: tensor<2x5x3xf32>, %arg1: tensor<2xi32>) -> tensor<2x5x3xf32> {
  %0 = nn.mask_steps %arg0, %arg1 {value = -1.000000e+00 : f64} : tensor<2x5x3xf32>, tensor<2xi32> -> tensor<2x5x3xf32>
  return %0 : tensor<2x5x3xf32>
}

// CHECK-LABEL: func.func @by_channel
// CHECK-NEXT:    %0 = nn.mask_steps %arg0, %arg1 fill %arg2 {value = 0.000000e+00 : f64} : tensor<2x5x3xf32>, tensor<2xi32>, tensor<3xf32> -> tensor<2x5x3xf32>
func.func @by_channel(%arg0: tensor<2x5x3xf32>, %arg1: tensor<2xi32>, %arg2: tensor<3xf32>) -> tensor<2x5x3xf32> {
  %0 = nn.mask_steps %arg0, %arg1 fill %arg2 {value = 0.000000e+00 : f64} : tensor<2x5x3xf32>, tensor<2xi32>, tensor<3xf32> -> tensor<2x5x3xf32>
  return %0 : tensor<2x5x3xf32>
}
