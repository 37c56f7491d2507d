// RUN: nncc-opt %s --canonicalize --nn-differentiate --canonicalize --cse --split-input-file | FileCheck %s
// RUN: nncc-opt %s --canonicalize --nn-differentiate=gradients --canonicalize --cse --split-input-file | FileCheck %s --check-prefix=GRADIENTS

// One layer: the gradients of its weights, their update; none for the input, so no bwd_data.
// CHECK-LABEL: nn.program @one_layer
// CHECK:         nn.slot @adam.m.d.kernel : tensor<3x2xf32>
// CHECK:         nn.slot @adam.v.d.kernel : tensor<3x2xf32>
// CHECK:       func.func @train_step
// CHECK-SAME:    (%arg0: tensor<4x3xf32> {nn.name = "x", nn.role = "input"}, %arg1: tensor<4xi32> {nn.role = "target"},
// CHECK-SAME:    [[SAMPLES:%[a-z0-9]+]]: tensor<i32> {nn.role = "samples"},
// CHECK-SAME:    [[RATE:%[a-z0-9]+]]: tensor<f64> {nn.role = "learning_rate"}, [[ITERATION:%[a-z0-9]+]]: tensor<i64> {nn.role = "iteration"})
// CHECK-SAME:    -> (tensor<4xf32> {nn.name = "loss"})
// CHECK-SAME:    nn.entry = "train_step"
// CHECK:         [[W:%.+]] = nn.read @d.kernel
// CHECK:         [[LOGITS:%.+]] = nn.dense %arg0, [[W]] bias
// CHECK:         [[LOSS:%.+]] = nn.sparse_softmax_cross_entropy [[LOGITS]], %arg1
// CHECK:         [[SEED:%.+]] = nn.loss_seed [[SAMPLES]] {type = f32, weight = 1.000000e+00 : f64}
// CHECK:         [[DIFF:%.+]] = nn.sparse_softmax_cross_entropy_bwd [[LOGITS]], %arg1, [[SEED]]
// CHECK-NOT:     bwd_data
// CHECK:         %diff_weights, %diff_bias = nn.dense_bwd_weights %arg0, [[DIFF]]
// CHECK:         [[M:%.+]] = nn.read @adam.m.d.kernel
// CHECK:         [[V:%.+]] = nn.read @adam.v.d.kernel
// CHECK:         %new_parameter, %new_m, %new_v = nn.adam_update {{%.+}}, %diff_weights, [[M]], [[V]], [[RATE]], [[ITERATION]]
// CHECK:         nn.write @d.kernel, %new_parameter
// CHECK:         nn.write @adam.m.d.kernel, %new_m
// CHECK:         nn.write @adam.v.d.kernel, %new_v
// CHECK:         nn.adam_update {{%.+}}, %diff_bias
// CHECK:         nn.write @d.bias
// CHECK:         return [[LOSS]] : tensor<4xf32>

// GRADIENTS-LABEL: nn.program @one_layer
// GRADIENTS-NOT:     nn.slot
// GRADIENTS:       func.func @gradients
// GRADIENTS-SAME:    {nn.role = "samples"})
// GRADIENTS-SAME:    -> (tensor<4xf32> {nn.name = "loss"}, tensor<3x2xf32> {nn.name = "d.kernel"}, tensor<2xf32> {nn.name = "d.bias"})
// GRADIENTS:         [[LOSS:%.+]] = nn.sparse_softmax_cross_entropy
// GRADIENTS:         %diff_weights, %diff_bias = nn.dense_bwd_weights
// GRADIENTS-NOT:     adam_update
// GRADIENTS-NOT:     nn.write
// GRADIENTS:         return [[LOSS]], %diff_weights, %diff_bias
nn.program @one_layer attributes {batch = 4 : i64, layers = [], data = {},
    train = {optimizer = {name = "adam", learning_rate = 0.001, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1.0e-7}}} {
  nn.parameter @d.kernel : tensor<3x2xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 2 : i64}
  nn.parameter @d.bias : tensor<2xf32> {initializer = {name = "zeros"}, fan_in = 2 : i64, fan_out = 2 : i64}
  func.func @evaluate(%x: tensor<4x3xf32> {nn.role = "input", nn.name = "x"}, %labels: tensor<4xi32> {nn.role = "target"})
      -> (tensor<4xf32> {nn.name = "loss"}) attributes {nn.entry = "evaluate"} {
    %w = nn.read @d.kernel : tensor<3x2xf32>
    %b = nn.read @d.bias : tensor<2xf32>
    %0 = nn.dense %x, %w bias %b : tensor<4x3xf32>, tensor<3x2xf32>, tensor<2xf32> -> tensor<4x2xf32>
    %1 = nn.softmax %0 : tensor<4x2xf32>
    %2 = nn.sparse_cross_entropy %1, %labels : tensor<4x2xf32>, tensor<4xi32> -> tensor<4xf32>
    return %2 : tensor<4xf32>
  }
}

// -----

// A value with two users gets the sum of their gradients; a weight read twice (shared) too.
// GRADIENTS-LABEL: nn.program @summed
// GRADIENTS:       func.func @gradients
// GRADIENTS:         [[W:%.+]] = nn.read @shared
// GRADIENTS:         [[X1:%.+]] = nn.dense %arg0, [[W]]
// GRADIENTS:         [[RELU:%.+]] = nn.relu [[X1]]
// GRADIENTS:         [[X2:%.+]] = nn.dense [[RELU]], [[W]]
// GRADIENTS:         nn.add
// GRADIENTS:         [[DIFF:%.+]] = nn.sparse_softmax_cross_entropy_bwd
// GRADIENTS-DAG:     [[W2:%.+]], %{{.+}} = nn.dense_bwd_weights [[RELU]], [[DIFF]]
// GRADIENTS-DAG:     [[TRANSPOSED:%.+]] = nn.permute [[W]] {perm = array<i64: 1, 0>}
// GRADIENTS-DAG:     [[THROUGH:%.+]] = nn.dense_bwd_data [[DIFF]], [[TRANSPOSED]]
// GRADIENTS-DAG:     [[BOTH:%.+]] = nn.add [[DIFF]], [[THROUGH]]
// GRADIENTS:         [[BEFORE:%.+]] = nn.relu_bwd [[RELU]], [[BOTH]]
// GRADIENTS:         [[W1:%.+]], %{{.+}} = nn.dense_bwd_weights %arg0, [[BEFORE]]
// GRADIENTS:         [[SUM:%.+]] = nn.add [[W2]], [[W1]]
// GRADIENTS:         return {{%.+}}, [[SUM]]
nn.program @summed attributes {batch = 4 : i64, layers = [], data = {},
    train = {optimizer = {name = "adam", learning_rate = 0.001, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1.0e-7}}} {
  nn.parameter @shared : tensor<3x3xf64> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 3 : i64}
  func.func @evaluate(%x: tensor<4x3xf64> {nn.role = "input", nn.name = "x"}, %labels: tensor<4xi32> {nn.role = "target"})
      -> (tensor<4xf64> {nn.name = "loss"}) attributes {nn.entry = "evaluate"} {
    %w1 = nn.read @shared : tensor<3x3xf64>
    %0 = nn.dense %x, %w1 : tensor<4x3xf64>, tensor<3x3xf64> -> tensor<4x3xf64>
    %1 = nn.relu %0 : tensor<4x3xf64>
    %w2 = nn.read @shared : tensor<3x3xf64>
    %2 = nn.dense %1, %w2 : tensor<4x3xf64>, tensor<3x3xf64> -> tensor<4x3xf64>
    %3 = nn.add %1, %2 : tensor<4x3xf64>
    %4 = nn.sparse_softmax_cross_entropy %3, %labels : tensor<4x3xf64>, tensor<4xi32> -> tensor<4xf64>
    return %4 : tensor<4xf64>
  }
}

// -----

// Behind a frozen layer at the model's start nothing is computed backward; a frozen layer in
// the middle passes the gradient on and gets none itself.
// CHECK-LABEL: nn.program @frozen
// CHECK-NOT:     nn.slot @adam.m.first
// CHECK-NOT:     nn.slot @adam.m.third
// CHECK:       func.func @train_step
// CHECK:         nn.sparse_softmax_cross_entropy_bwd
// CHECK:         nn.dense_bwd_data
// CHECK:         nn.dense_bwd_weights
// CHECK-NOT:     nn.dense_bwd
// CHECK:         nn.write @second
// CHECK-NOT:     nn.write @{{first|third}}
// CHECK:         return
nn.program @frozen attributes {batch = 4 : i64, layers = [], data = {},
    train = {optimizer = {name = "adam", learning_rate = 0.001, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1.0e-7}}} {
  nn.parameter @first : tensor<3x3xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 3 : i64, trainable = false}
  nn.parameter @second : tensor<3x3xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 3 : i64}
  nn.parameter @third : tensor<3x3xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 3 : i64, trainable = false}
  func.func @evaluate(%x: tensor<4x3xf32> {nn.role = "input", nn.name = "x"}, %labels: tensor<4xi32> {nn.role = "target"})
      -> (tensor<4xf32> {nn.name = "loss"}) attributes {nn.entry = "evaluate"} {
    %w1 = nn.read @first : tensor<3x3xf32>
    %0 = nn.dense %x, %w1 : tensor<4x3xf32>, tensor<3x3xf32> -> tensor<4x3xf32>
    %w2 = nn.read @second : tensor<3x3xf32>
    %1 = nn.dense %0, %w2 : tensor<4x3xf32>, tensor<3x3xf32> -> tensor<4x3xf32>
    %w3 = nn.read @third : tensor<3x3xf32>
    %2 = nn.dense %1, %w3 : tensor<4x3xf32>, tensor<3x3xf32> -> tensor<4x3xf32>
    %3 = nn.sparse_softmax_cross_entropy %2, %labels : tensor<4x3xf32>, tensor<4xi32> -> tensor<4xf32>
    return %3 : tensor<4xf32>
  }
}

// -----

// A convolution with a pool: the pool's gradient by its workspace, weights with exchanged
// channels for the gradient of the input.
// CHECK-LABEL: nn.program @convolutions
// CHECK:       func.func @train_step
// CHECK:         nn.max_pool2d
// CHECK:         [[POOLED:%.+]] = nn.max_pool2d_bwd {{%.+}}, %workspace {{.*}}src_size = array<i64: 3, 3>
// CHECK:         nn.permute {{.*}}{perm = array<i64: 0, 1, 3, 2>} : tensor<2x2x2x3xf32> -> tensor<2x2x3x2xf32>
// CHECK:         nn.conv2d_bwd_data [[POOLED]]
// CHECK:         nn.conv2d_bwd_weights {{%.+}}, [[POOLED]]
// CHECK:         nn.conv2d_bwd_weights %arg0
nn.program @convolutions attributes {batch = 4 : i64, layers = [], data = {},
    train = {optimizer = {name = "adam", learning_rate = 0.001, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1.0e-7}}} {
  nn.parameter @c1 : tensor<2x2x1x2xf32> {initializer = {name = "zeros"}, fan_in = 4 : i64, fan_out = 8 : i64}
  nn.parameter @c2 : tensor<2x2x2x3xf32> {initializer = {name = "zeros"}, fan_in = 8 : i64, fan_out = 12 : i64}
  func.func @evaluate(%x: tensor<4x5x5x1xf32> {nn.role = "input", nn.name = "x"}, %labels: tensor<4xi32> {nn.role = "target"})
      -> (tensor<4xf32> {nn.name = "loss"}) attributes {nn.entry = "evaluate"} {
    %w1 = nn.read @c1 : tensor<2x2x1x2xf32>
    %0 = nn.conv2d %x, %w1 {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<4x5x5x1xf32>, tensor<2x2x1x2xf32> -> tensor<4x4x4x2xf32>
    %w2 = nn.read @c2 : tensor<2x2x2x3xf32>
    %1 = nn.conv2d %0, %w2 {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<4x4x4x2xf32>, tensor<2x2x2x3xf32> -> tensor<4x3x3x3xf32>
    %2, %workspace = nn.max_pool2d %1 {pads = array<i64: 0, 0, 0, 0>, pool_size = array<i64: 3, 3>, strides = array<i64: 3, 3>} : tensor<4x3x3x3xf32> -> tensor<4x1x1x3xf32>, tensor<4x1x1x3xui8>
    %3 = nn.reshape %2 : tensor<4x1x1x3xf32> -> tensor<4x3xf32>
    %4 = nn.sparse_softmax_cross_entropy %3, %labels : tensor<4x3xf32>, tensor<4xi32> -> tensor<4xf32>
    return %4 : tensor<4xf32>
  }
}
