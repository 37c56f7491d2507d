// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @scaled
// CHECK-NEXT:    %diff_sum, %diff_sum_of_squares, %diff_gamma = nn.batch_norm_coefficients_bwd %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {epsilon = 1.000000e-03 : f64, positions = 16 : i64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>, tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
func.func @scaled(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<3xf32>, %arg3: tensor<3xf32>, %arg4: tensor<i32>, %arg5: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  %diff_sum, %diff_sum_of_squares, %diff_gamma = nn.batch_norm_coefficients_bwd %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {epsilon = 1.000000e-03 : f64, positions = 16 : i64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>, tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return %diff_sum, %diff_sum_of_squares, %diff_gamma : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %diff_sum, %diff_sum_of_squares, %diff_gamma = nn.batch_norm_coefficients_bwd %arg0, %arg1, %arg2, %arg3, %arg4 {epsilon = 1.000000e-03 : f64, positions = 1 : i64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
func.func @plain(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<3xf32>, %arg3: tensor<3xf32>, %arg4: tensor<i32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  %diff_sum, %diff_sum_of_squares, %diff_gamma = nn.batch_norm_coefficients_bwd %arg0, %arg1, %arg2, %arg3, %arg4 {epsilon = 1.000000e-03 : f64, positions = 1 : i64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return %diff_sum, %diff_sum_of_squares, %diff_gamma : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}
