// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @f32
// CHECK: %new_parameter, %new_slots = nn.adagrad_update %arg0, %arg1, %arg2, %arg3 {epsilon = 9.9999999999999995E-8 : f64}
func.func @f32(%p: tensor<10xf32>, %g: tensor<10xf32>, %a: tensor<10xf32>, %lr: tensor<f64>) -> (tensor<10xf32>, tensor<10xf32>) {
  %0, %1 = nn.adagrad_update %p, %g, %a, %lr {epsilon = 1.0e-7 : f64} : (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<f64>) -> (tensor<10xf32>, tensor<10xf32>)
  return %0, %1 : tensor<10xf32>, tensor<10xf32>
}
