// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @f64
// CHECK: nn.clip_value %arg0 {limit = 5.000000e-01 : f64} : tensor<7xf64>
func.func @f64(%g: tensor<7xf64>) -> tensor<7xf64> {
  %0 = nn.clip_value %g {limit = 0.5 : f64} : tensor<7xf64>
  return %0 : tensor<7xf64>
}
