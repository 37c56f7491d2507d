// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// Keras's defaults.
// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %new_parameter, %new_m, %new_v = nn.adam_update %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {beta_1 = 9.000000e-01 : f64, beta_2 = 0.99899999999999999 : f64, epsilon = 9.9999999999999995E-8 : f64} : tensor<10xf32>, tensor<f64>, tensor<i64>
func.func @plain(%arg0: tensor<10xf32>, %arg1: tensor<10xf32>, %arg2: tensor<10xf32>, %arg3: tensor<10xf32>, %arg4: tensor<f64>, %arg5: tensor<i64>) -> (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>) {
  %new_parameter, %new_m, %new_v = nn.adam_update %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {beta_1 = 9.000000e-01 : f64, beta_2 = 0.99899999999999999 : f64, epsilon = 9.9999999999999995E-8 : f64} : tensor<10xf32>, tensor<f64>, tensor<i64>
  return %new_parameter, %new_m, %new_v : tensor<10xf32>, tensor<10xf32>, tensor<10xf32>
}

// CHECK-LABEL: func.func @f64
// CHECK-NEXT:    %new_parameter, %new_m, %new_v = nn.adam_update %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {beta_1 = 9.000000e-01 : f64, beta_2 = 0.99899999999999999 : f64, epsilon = 9.9999999999999995E-8 : f64} : tensor<3x3x3x32xf64>, tensor<f64>, tensor<i64>
func.func @f64(%arg0: tensor<3x3x3x32xf64>, %arg1: tensor<3x3x3x32xf64>, %arg2: tensor<3x3x3x32xf64>, %arg3: tensor<3x3x3x32xf64>, %arg4: tensor<f64>, %arg5: tensor<i64>) -> (tensor<3x3x3x32xf64>, tensor<3x3x3x32xf64>, tensor<3x3x3x32xf64>) {
  %new_parameter, %new_m, %new_v = nn.adam_update %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {beta_1 = 9.000000e-01 : f64, beta_2 = 0.99899999999999999 : f64, epsilon = 9.9999999999999995E-8 : f64} : tensor<3x3x3x32xf64>, tensor<f64>, tensor<i64>
  return %new_parameter, %new_m, %new_v : tensor<3x3x3x32xf64>, tensor<3x3x3x32xf64>, tensor<3x3x3x32xf64>
}
