// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @f32
// CHECK: nn.scale_by %arg0, %arg1 : tensor<7xf32>, tensor<f64>
func.func @f32(%g: tensor<7xf32>, %s: tensor<f64>) -> tensor<7xf32> {
  %0 = nn.scale_by %g, %s : tensor<7xf32>, tensor<f64>
  return %0 : tensor<7xf32>
}
