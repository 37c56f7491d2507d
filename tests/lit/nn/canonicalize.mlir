// RUN: nncc-opt %s --canonicalize | FileCheck %s

// A relu moves behind the pool that reads it: what is stored is the pooled map.
// CHECK-LABEL: func.func @pool_before_relu
// CHECK-NEXT:    [[DST:%[a-z_]+]], [[WORKSPACE:%[a-z_]+]] = nn.max_pool2d %arg0
// CHECK-NEXT:    [[RELU:%.+]] = nn.relu [[DST]] : tensor<2x2x2x3xf32>
// CHECK-NEXT:    return [[RELU]], [[WORKSPACE]]
func.func @pool_before_relu(%src: tensor<2x4x4x3xf32>) -> (tensor<2x2x2x3xf32>, tensor<2x2x2x3xui8>) {
  %0 = nn.relu %src : tensor<2x4x4x3xf32>
  %dst, %workspace = nn.max_pool2d %0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<2x4x4x3xf32> -> tensor<2x2x2x3xf32>, tensor<2x2x2x3xui8>
  return %dst, %workspace : tensor<2x2x2x3xf32>, tensor<2x2x2x3xui8>
}

// But not where somebody else needs the relu's map.
// CHECK-LABEL: func.func @relu_used_twice
// CHECK-NEXT:    [[RELU:%.+]] = nn.relu %arg0
// CHECK-NEXT:    nn.max_pool2d [[RELU]]
func.func @relu_used_twice(%src: tensor<2x4x4x3xf32>) -> (tensor<2x2x2x3xf32>, tensor<2x4x4x3xf32>) {
  %0 = nn.relu %src : tensor<2x4x4x3xf32>
  %dst, %workspace = nn.max_pool2d %0 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<2x4x4x3xf32> -> tensor<2x2x2x3xf32>, tensor<2x2x2x3xui8>
  return %dst, %0 : tensor<2x2x2x3xf32>, tensor<2x4x4x3xf32>
}

// The gradient of relu moves before a reshape, into the kernel that makes its operand.
// CHECK-LABEL: func.func @relu_bwd_before_reshape
// CHECK-NEXT:    [[DST:%.+]] = nn.reshape %arg0 : tensor<2x12xf32> -> tensor<2x2x2x3xf32>
// CHECK-NEXT:    [[DIFF:%.+]] = nn.relu_bwd [[DST]], %arg1 : tensor<2x2x2x3xf32>
// CHECK-NEXT:    [[FLAT:%.+]] = nn.reshape [[DIFF]] : tensor<2x2x2x3xf32> -> tensor<2x12xf32>
// CHECK-NEXT:    return [[FLAT]]
func.func @relu_bwd_before_reshape(%dst: tensor<2x12xf32>, %diff: tensor<2x2x2x3xf32>) -> tensor<2x12xf32> {
  %0 = nn.reshape %diff : tensor<2x2x2x3xf32> -> tensor<2x12xf32>
  %1 = nn.relu_bwd %dst, %0 : tensor<2x12xf32>
  return %1 : tensor<2x12xf32>
}

// So do the others, with their attributes, from whatever they save.
// CHECK-LABEL: func.func @other_gradients_before_reshape
// CHECK-NEXT:    [[DST:%.+]] = nn.reshape %arg0 : tensor<2x12xf32> -> tensor<2x2x2x3xf32>
// CHECK-NEXT:    [[DIFF:%.+]] = nn.leaky_relu_bwd [[DST]], %arg1 {negative_slope = 3.000000e-01 : f64} : tensor<2x2x2x3xf32>
// CHECK-NEXT:    [[SRC:%.+]] = nn.reshape %arg0 : tensor<2x12xf32> -> tensor<2x2x2x3xf32>
// CHECK-NEXT:    [[DIFF1:%.+]] = nn.gelu_bwd [[SRC]], [[DIFF]] : tensor<2x2x2x3xf32>
// CHECK-NEXT:    [[FLAT:%.+]] = nn.reshape [[DIFF1]] : tensor<2x2x2x3xf32> -> tensor<2x12xf32>
// CHECK-NEXT:    return [[FLAT]]
func.func @other_gradients_before_reshape(%saved: tensor<2x12xf32>, %diff: tensor<2x2x2x3xf32>) -> tensor<2x12xf32> {
  %0 = nn.reshape %diff : tensor<2x2x2x3xf32> -> tensor<2x12xf32>
  %1 = nn.leaky_relu_bwd %saved, %0 {negative_slope = 0.3} : tensor<2x12xf32>
  %2 = nn.gelu_bwd %saved, %1 : tensor<2x12xf32>
  return %2 : tensor<2x12xf32>
}

// CHECK-LABEL: func.func @reshapes
// CHECK-NEXT:    [[FLAT:%.+]] = nn.reshape %arg0 : tensor<2x2x2x3xf32> -> tensor<2x3x4xf32>
// CHECK-NEXT:    return [[FLAT]], %arg0
func.func @reshapes(%src: tensor<2x2x2x3xf32>) -> (tensor<2x3x4xf32>, tensor<2x2x2x3xf32>) {
  %0 = nn.reshape %src : tensor<2x2x2x3xf32> -> tensor<2x12xf32>
  %1 = nn.reshape %0 : tensor<2x12xf32> -> tensor<2x3x4xf32>
  %2 = nn.reshape %0 : tensor<2x12xf32> -> tensor<2x2x2x3xf32>
  return %1, %2 : tensor<2x3x4xf32>, tensor<2x2x2x3xf32>
}

// Views of views are one where that is a view: 6 rows are no 4 rows in parts.
// CHECK-LABEL: func.func @folds
// CHECK-NEXT:    [[PAIRS:%.+]] = nn.reshape %arg1 : tensor<6x4xf32> -> tensor<2x12xf32>
// CHECK-NEXT:    [[PARTS:%.+]] = nn.reshape [[PAIRS]] : tensor<2x12xf32> -> tensor<4x6xf32>
// CHECK-NEXT:    return %arg0, [[PARTS]]
func.func @folds(%src: tensor<2x3x4xf32>, %rows: tensor<6x4xf32>) -> (tensor<2x3x4xf32>, tensor<4x6xf32>) {
  %0 = nn.reshape %src : tensor<2x3x4xf32> -> tensor<6x4xf32>
  %1 = nn.reshape %0 : tensor<6x4xf32> -> tensor<2x3x4xf32>
  %2 = nn.reshape %rows : tensor<6x4xf32> -> tensor<2x12xf32>
  %3 = nn.reshape %2 : tensor<2x12xf32> -> tensor<4x6xf32>
  return %1, %3 : tensor<2x3x4xf32>, tensor<4x6xf32>
}

// Softmax and cross-entropy in one lose no digits; the largest logit is the largest probability.
// CHECK-LABEL: func.func @softmax_and_loss
// CHECK-NEXT:    [[LOSS:%.+]] = nn.sparse_softmax_cross_entropy %arg0, %arg1
// CHECK-NEXT:    [[CORRECT:%.+]] = nn.sparse_categorical_accuracy %arg0, %arg1
// CHECK-NEXT:    return [[LOSS]], [[CORRECT]]
func.func @softmax_and_loss(%src: tensor<2x10xf32>, %labels: tensor<2xi32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %0 = nn.softmax %src : tensor<2x10xf32>
  %1 = nn.sparse_cross_entropy %0, %labels : tensor<2x10xf32>, tensor<2xi32> -> tensor<2xf32>
  %2 = nn.sparse_categorical_accuracy %0, %labels : tensor<2x10xf32>, tensor<2xi32> -> tensor<2xf32>
  return %1, %2 : tensor<2xf32>, tensor<2xf32>
}

// Probabilities from elsewhere stay as they are.
// CHECK-LABEL: func.func @probabilities
// CHECK-NEXT:    nn.sparse_cross_entropy %arg0, %arg1
func.func @probabilities(%src: tensor<2x10xf32>, %labels: tensor<2xi32>) -> tensor<2xf32> {
  %0 = nn.sparse_cross_entropy %src, %labels : tensor<2x10xf32>, tensor<2xi32> -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// What nobody uses goes.
// CHECK-LABEL: func.func @unused
// CHECK-NEXT:    return
func.func @unused(%src: tensor<3x3x3x32xf32>) {
  %0 = nn.permute %src {perm = array<i64: 0, 1, 3, 2>} : tensor<3x3x3x32xf32> -> tensor<3x3x32x3xf32>
  return
}
