// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @both
// CHECK-NEXT:    %mean, %scale, %shift, %variance = nn.batch_norm_coefficients %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {epsilon = 1.000000e-03 : f64, has_scale = true, has_shift = true, positions = 16 : i64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
func.func @both(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<3xf32>, %arg3: tensor<i32>, %arg4: tensor<3xf32>, %arg5: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  %mean, %scale, %shift, %variance = nn.batch_norm_coefficients %arg0, %arg1, %arg2, %arg3, %arg4, %arg5 {epsilon = 1.000000e-03 : f64, has_scale = true, has_shift = true, positions = 16 : i64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return %mean, %scale, %shift, %variance : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %mean, %scale, %shift, %variance = nn.batch_norm_coefficients %arg0, %arg1, %arg2, %arg3 {epsilon = 1.000000e-03 : f64, has_scale = false, has_shift = false, positions = 1 : i64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
func.func @plain(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<3xf32>, %arg3: tensor<i32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  %mean, %scale, %shift, %variance = nn.batch_norm_coefficients %arg0, %arg1, %arg2, %arg3 {epsilon = 1.000000e-03 : f64, has_scale = false, has_shift = false, positions = 1 : i64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return %mean, %scale, %shift, %variance : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}
