// RUN: nncc-opt %s --nn-differentiate --split-input-file --verify-diagnostics

// expected-error@+1 {{has no entry 'evaluate' to differentiate}}
nn.program @no_evaluate attributes {batch = 4 : i64, layers = [], data = {}, train = {}} {
}

// -----

// expected-error@+1 {{the loss depends on no trainable parameter: nothing to train}}
nn.program @all_frozen attributes {batch = 4 : i64, layers = [], data = {}, train = {optimizer = {name = "adam"}}} {
  nn.parameter @w : tensor<3x3xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 3 : i64, trainable = false}
  func.func @evaluate(%x: tensor<4x3xf32>, %labels: tensor<4xi32>) -> tensor<4xf32> attributes {nn.entry = "evaluate"} {
    %w = nn.read @w : tensor<3x3xf32>
    %0 = nn.dense %x, %w : tensor<4x3xf32>, tensor<3x3xf32> -> tensor<4x3xf32>
    %1 = nn.sparse_softmax_cross_entropy %0, %labels : tensor<4x3xf32>, tensor<4xi32> -> tensor<4xf32>
    return %1 : tensor<4xf32>
  }
}

// -----

// expected-error@+1 {{its 'train' names no known optimizer}}
nn.program @no_optimizer attributes {batch = 4 : i64, layers = [], data = {}, train = {optimizer = {name = "adams"}}} {
  nn.parameter @w : tensor<3x3xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 3 : i64}
  func.func @evaluate(%x: tensor<4x3xf32>, %labels: tensor<4xi32>) -> tensor<4xf32> attributes {nn.entry = "evaluate"} {
    %w = nn.read @w : tensor<3x3xf32>
    %0 = nn.dense %x, %w : tensor<4x3xf32>, tensor<3x3xf32> -> tensor<4x3xf32>
    %1 = nn.sparse_softmax_cross_entropy %0, %labels : tensor<4x3xf32>, tensor<4xi32> -> tensor<4xf32>
    return %1 : tensor<4xf32>
  }
}

// -----

// A parameter that cannot learn anything is a mistake in the model, not a gradient of zero.
nn.program @unused attributes {batch = 4 : i64, layers = [], data = {},
    train = {optimizer = {name = "adam", learning_rate = 0.001, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1.0e-7}}} {
  nn.parameter @w : tensor<3x3xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 3 : i64}
  // expected-error@+1 {{parameter 'idle' is trainable but has no influence on the loss}}
  nn.parameter @idle : tensor<3x3xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 3 : i64}
  func.func @evaluate(%x: tensor<4x3xf32>, %labels: tensor<4xi32>) -> tensor<4xf32> attributes {nn.entry = "evaluate"} {
    %w = nn.read @w : tensor<3x3xf32>
    %0 = nn.dense %x, %w : tensor<4x3xf32>, tensor<3x3xf32> -> tensor<4x3xf32>
    %1 = nn.sparse_softmax_cross_entropy %0, %labels : tensor<4x3xf32>, tensor<4xi32> -> tensor<4xf32>
    return %1 : tensor<4xf32>
  }
}

// -----

// An op without a gradient rule between the loss and a parameter.
nn.program @not_differentiable attributes {batch = 4 : i64, layers = [], data = {},
    train = {optimizer = {name = "adam", learning_rate = 0.001, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1.0e-7}}} {
  nn.parameter @w : tensor<3x3xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 3 : i64}
  func.func @evaluate(%x: tensor<4x3xf32>, %labels: tensor<4xi32>) -> tensor<4xf32> attributes {nn.entry = "evaluate"} {
    %w = nn.read @w : tensor<3x3xf32>
    %0 = nn.dense %x, %w : tensor<4x3xf32>, tensor<3x3xf32> -> tensor<4x3xf32>
    // expected-error@+1 {{no gradient can flow through nn.sparse_categorical_accuracy, but a trainable parameter needs it}}
    %1 = nn.sparse_categorical_accuracy %0, %labels : tensor<4x3xf32>, tensor<4xi32> -> tensor<4xf32>
    return %1 : tensor<4xf32>
  }
}

// -----

// Indices that a trainable layer computes: rounding them has no gradient.
nn.program @computed_indices attributes {batch = 4 : i64, layers = [], data = {},
    train = {optimizer = {name = "adam", learning_rate = 0.001, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1.0e-7}}} {
  nn.parameter @w : tensor<3x1xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 1 : i64}
  nn.parameter @table : tensor<5x3xf32> {initializer = {name = "zeros"}, fan_in = 5 : i64, fan_out = 3 : i64}
  func.func @evaluate(%x: tensor<4x3xf32>, %labels: tensor<4xi32>) -> tensor<4xf32> attributes {nn.entry = "evaluate"} {
    %w = nn.read @w : tensor<3x1xf32>
    %table = nn.read @table : tensor<5x3xf32>
    %0 = nn.dense %x, %w : tensor<4x3xf32>, tensor<3x1xf32> -> tensor<4x1xf32>
    // expected-error@+1 {{no gradient can flow through nn.embedding to its indices, but a trainable parameter before it needs one}}
    %1 = nn.embedding %0, %table : tensor<4x1xf32>, tensor<5x3xf32> -> tensor<4x1x3xf32>
    %2 = nn.reshape %1 : tensor<4x1x3xf32> -> tensor<4x3xf32>
    %3 = nn.sparse_softmax_cross_entropy %2, %labels : tensor<4x3xf32>, tensor<4xi32> -> tensor<4xf32>
    return %3 : tensor<4xf32>
  }
}
