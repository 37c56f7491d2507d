// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @f32
// CHECK: nn.regularize %arg0, %arg1 {l1 = 1.000000e-01 : f64, l2 = 2.000000e-01 : f64} : tensor<3x5xf32>
func.func @f32(%g: tensor<3x5xf32>, %p: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %0 = nn.regularize %g, %p {l1 = 0.1 : f64, l2 = 0.2 : f64} : tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}
