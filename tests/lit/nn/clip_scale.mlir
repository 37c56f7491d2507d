// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @two
// CHECK: nn.clip_scale %arg0, %arg1 {limit = 1.000000e+00 : f64} : tensor<f64>, tensor<f64> -> tensor<f64>
func.func @two(%a: tensor<f64>, %b: tensor<f64>) -> tensor<f64> {
  %0 = nn.clip_scale %a, %b {limit = 1.0 : f64} : tensor<f64>, tensor<f64> -> tensor<f64>
  return %0 : tensor<f64>
}
