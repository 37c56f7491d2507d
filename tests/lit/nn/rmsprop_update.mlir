// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK: nn.rmsprop_update %arg0, %arg1, %arg2, %arg3 {centered = false, epsilon = 9.9999999999999995E-8 : f64, momentum = 0.000000e+00 : f64, rho = 9.000000e-01 : f64}
func.func @plain(%p: tensor<10xf32>, %g: tensor<10xf32>, %v: tensor<10xf32>, %lr: tensor<f64>) -> (tensor<10xf32>, tensor<10xf32>) {
  %0, %1 = nn.rmsprop_update %p, %g, %v, %lr {rho = 0.9 : f64, momentum = 0.0 : f64, epsilon = 1.0e-7 : f64, centered = false} : (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<f64>) -> (tensor<10xf32>, tensor<10xf32>)
  return %0, %1 : tensor<10xf32>, tensor<10xf32>
}

// CHECK-LABEL: func.func @centered_momentum
// CHECK: %new_parameter, %new_slots:3 = nn.rmsprop_update %arg0, %arg1, %arg2, %arg3, %arg4, %arg5
func.func @centered_momentum(%p: tensor<10xf32>, %g: tensor<10xf32>, %v: tensor<10xf32>, %b: tensor<10xf32>, %a: tensor<10xf32>, %lr: tensor<f64>) -> (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>) {
  %0, %1, %2, %3 = nn.rmsprop_update %p, %g, %v, %b, %a, %lr {rho = 0.9 : f64, momentum = 0.9 : f64, epsilon = 1.0e-7 : f64, centered = true} : (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<f64>) -> (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>)
  return %0, %1, %2, %3 : tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>
}
