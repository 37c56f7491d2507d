// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @f32
// CHECK: nn.ema_update %arg0, %arg1, %arg2 {decay = 0.98999999999999999 : f64} : tensor<10xf32>, tensor<i64>
func.func @f32(%p: tensor<10xf32>, %a: tensor<10xf32>, %t: tensor<i64>) -> tensor<10xf32> {
  %0 = nn.ema_update %p, %a, %t {decay = 0.99 : f64} : tensor<10xf32>, tensor<i64>
  return %0 : tensor<10xf32>
}
