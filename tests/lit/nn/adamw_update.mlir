// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @f32
// CHECK: nn.adamw_update %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {beta_1 = 9.000000e-01 : f64, beta_2 = 0.98999999999999999 : f64, epsilon = 9.9999999999999995E-8 : f64, weight_decay = {{[^}]+}}}
func.func @f32(%p: tensor<10xf32>, %g: tensor<10xf32>, %m: tensor<10xf32>, %v: tensor<10xf32>, %lr: tensor<f64>, %t: tensor<i64>) -> (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>) {
  %0, %1, %2 = nn.adamw_update %p, %g, %m, %v, %lr, %t {beta_1 = 0.9 : f64, beta_2 = 0.99 : f64, epsilon = 1.0e-7 : f64, weight_decay = 0.004 : f64} : (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<f64>, tensor<i64>) -> (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>)
  return %0, %1, %2 : tensor<10xf32>, tensor<10xf32>, tensor<10xf32>
}
