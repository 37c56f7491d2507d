// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @features(%arg0: tensor<4x5xf32>, %arg1: tensor<6x3xf32>) {
  // expected-error@+2 {{weights want 6 inputs, src has 5}}
  // expected-error@+1 {{'nn.dense' op failed to infer returned types}}
  %0 = nn.dense %arg0, %arg1 : tensor<4x5xf32>, tensor<6x3xf32> -> tensor<4x3xf32>
  return
}

// -----

func.func @bias(%arg0: tensor<4x5xf32>, %arg1: tensor<5x3xf32>, %arg2: tensor<5xf32>) {
  // expected-error@+2 {{bias must have one value for each of the 3 units, found 'tensor<5xf32>'}}
  // expected-error@+1 {{'nn.dense' op failed to infer returned types}}
  %0 = nn.dense %arg0, %arg1 bias %arg2 : tensor<4x5xf32>, tensor<5x3xf32>, tensor<5xf32> -> tensor<4x3xf32>
  return
}

// -----

func.func @rank(%arg0: tensor<4x5x1xf32>, %arg1: tensor<5x3xf32>) {
  // expected-error@+2 {{src must be [N,in], found 'tensor<4x5x1xf32>'}}
  // expected-error@+1 {{'nn.dense' op failed to infer returned types}}
  %0 = nn.dense %arg0, %arg1 : tensor<4x5x1xf32>, tensor<5x3xf32> -> tensor<4x3xf32>
  return
}

// -----

func.func @result(%arg0: tensor<4x5xf32>, %arg1: tensor<5x3xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<4x3xf32>' are incompatible with return type(s) of operation 'tensor<3x4xf32>'}}
  // expected-error@+1 {{'nn.dense' op failed to infer returned types}}
  %0 = nn.dense %arg0, %arg1 : tensor<4x5xf32>, tensor<5x3xf32> -> tensor<3x4xf32>
  return
}

// -----

func.func @element_types(%arg0: tensor<4x5xf32>, %arg1: tensor<5x3xf64>) {
  // expected-error@+1 {{'nn.dense' op failed to verify that all of {src, weights, dst} have same element type}}
  %0 = nn.dense %arg0, %arg1 : tensor<4x5xf32>, tensor<5x3xf64> -> tensor<4x3xf32>
  return
}
