// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @f32
// CHECK: nn.accumulate %arg0, %arg1, %arg2 {steps = 4 : i64} : tensor<7xf32>, tensor<i64>
func.func @f32(%g: tensor<7xf32>, %a: tensor<7xf32>, %t: tensor<i64>) -> tensor<7xf32> {
  %0 = nn.accumulate %g, %a, %t {steps = 4 : i64} : tensor<7xf32>, tensor<i64>
  return %0 : tensor<7xf32>
}
