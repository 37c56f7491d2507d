// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @both
// CHECK-NEXT:    %center, %scale, %shift = nn.stored_coefficients %arg0, %arg1, %arg2, %arg3 {epsilon = 1.000000e-03 : f64, has_scale = true, has_shift = true, invert = false, least = 0.000000e+00 : f64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
func.func @both(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<3xf32>, %arg3: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  %center, %scale, %shift = nn.stored_coefficients %arg0, %arg1, %arg2, %arg3 {epsilon = 1.000000e-03 : f64, has_scale = true, has_shift = true, invert = false, least = 0.000000e+00 : f64} : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return %center, %scale, %shift : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}

// CHECK-LABEL: func.func @inverted
// CHECK-NEXT:    %center, %scale, %shift = nn.stored_coefficients %arg0, %arg1 {epsilon = 1.000000e-03 : f64, has_scale = false, has_shift = false, invert = true, least = 0.000000e+00 : f64} : (tensor<3xf32>, tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
func.func @inverted(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  %center, %scale, %shift = nn.stored_coefficients %arg0, %arg1 {epsilon = 1.000000e-03 : f64, has_scale = false, has_shift = false, invert = true, least = 0.000000e+00 : f64} : (tensor<3xf32>, tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return %center, %scale, %shift : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}
