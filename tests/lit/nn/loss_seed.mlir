// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.loss_seed %arg0 {type = f32, weight = 1.000000e+00 : f64} : tensor<i32> -> tensor<f32>
func.func @plain(%arg0: tensor<i32>) -> tensor<f32> {
  %0 = nn.loss_seed %arg0 {type = f32, weight = 1.000000e+00 : f64} : tensor<i32> -> tensor<f32>
  return %0 : tensor<f32>
}

// CHECK-LABEL: func.func @weighted
// CHECK-NEXT:    %0 = nn.loss_seed %arg0 {type = f64, weight = 5.000000e-01 : f64} : tensor<i32> -> tensor<f64>
func.func @weighted(%arg0: tensor<i32>) -> tensor<f64> {
  %0 = nn.loss_seed %arg0 {type = f64, weight = 5.000000e-01 : f64} : tensor<i32> -> tensor<f64>
  return %0 : tensor<f64>
}
