// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK: nn.sgd_update %arg0, %arg1, %arg2 {momentum = 0.000000e+00 : f64, nesterov = false} : (tensor<10xf32>, tensor<10xf32>, tensor<f64>) -> tensor<10xf32>
func.func @plain(%p: tensor<10xf32>, %g: tensor<10xf32>, %lr: tensor<f64>) -> tensor<10xf32> {
  %0 = nn.sgd_update %p, %g, %lr {momentum = 0.0 : f64, nesterov = false} : (tensor<10xf32>, tensor<10xf32>, tensor<f64>) -> tensor<10xf32>
  return %0 : tensor<10xf32>
}

// CHECK-LABEL: func.func @momentum
// CHECK: %new_parameter, %new_slots = nn.sgd_update %arg0, %arg1, %arg2, %arg3 {momentum = 9.000000e-01 : f64, nesterov = true}
func.func @momentum(%p: tensor<3x5xf64>, %g: tensor<3x5xf64>, %m: tensor<3x5xf64>, %lr: tensor<f64>) -> (tensor<3x5xf64>, tensor<3x5xf64>) {
  %0, %1 = nn.sgd_update %p, %g, %m, %lr {momentum = 0.9 : f64, nesterov = true} : (tensor<3x5xf64>, tensor<3x5xf64>, tensor<3x5xf64>, tensor<f64>) -> (tensor<3x5xf64>, tensor<3x5xf64>)
  return %0, %1 : tensor<3x5xf64>, tensor<3x5xf64>
}
