// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @f32
// CHECK: nn.sum_of_squares %arg0 : tensor<3x5xf32> -> tensor<f64>
func.func @f32(%g: tensor<3x5xf32>) -> tensor<f64> {
  %0 = nn.sum_of_squares %g : tensor<3x5xf32> -> tensor<f64>
  return %0 : tensor<f64>
}
