// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// scale: 1/255
// CHECK-LABEL: func.func @pixels
// CHECK-NEXT:    %0 = nn.rescale %arg0 {offset = 0.000000e+00 : f64, scale = 0.0039215686274509803 : f64, type = f32} : tensor<32x32x32x3xui8> -> tensor<32x32x32x3xf32>
func.func @pixels(%arg0: tensor<32x32x32x3xui8>) -> tensor<32x32x32x3xf32> {
  %0 = nn.rescale %arg0 {offset = 0.000000e+00 : f64, scale = 0.0039215686274509803 : f64, type = f32} : tensor<32x32x32x3xui8> -> tensor<32x32x32x3xf32>
  return %0 : tensor<32x32x32x3xf32>
}

// Floats may be rescaled, and become wider.
// CHECK-LABEL: func.func @floats
// CHECK-NEXT:    %0 = nn.rescale %arg0 {offset = -1.000000e+00 : f64, scale = 2.000000e+00 : f64, type = f64} : tensor<2x3xf32> -> tensor<2x3xf64>
func.func @floats(%arg0: tensor<2x3xf32>) -> tensor<2x3xf64> {
  %0 = nn.rescale %arg0 {offset = -1.000000e+00 : f64, scale = 2.000000e+00 : f64, type = f64} : tensor<2x3xf32> -> tensor<2x3xf64>
  return %0 : tensor<2x3xf64>
}
