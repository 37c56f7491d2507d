// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @none() {
  // expected-error@+2 {{nothing to concatenate}}
  // expected-error@+1 {{'nn.concatenate' op failed to infer returned types}}
  %0 = "nn.concatenate"() <{axis = 1 : i64}> : () -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @samples(%arg0: tensor<2x4x4x3xf32>) {
  // expected-error@+2 {{axis must be a dimension of 'tensor<2x4x4x3xf32>' and not 0, the samples; found 0}}
  // expected-error@+1 {{'nn.concatenate' op failed to infer returned types}}
  %0 = nn.concatenate %arg0, %arg0 {axis = 0 : i64} : tensor<2x4x4x3xf32>, tensor<2x4x4x3xf32> -> tensor<4x4x4x3xf32>
  return
}

// -----

func.func @axis(%arg0: tensor<2x4x4x3xf32>) {
  // expected-error@+2 {{and not 0, the samples; found 4}}
  // expected-error@+1 {{'nn.concatenate' op failed to infer returned types}}
  %0 = nn.concatenate %arg0, %arg0 {axis = 4 : i64} : tensor<2x4x4x3xf32>, tensor<2x4x4x3xf32> -> tensor<4x4x4x3xf32>
  return
}

// -----

func.func @shapes(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<2x4x5x3xf32>) {
  // expected-error@+2 {{the sources differ in more than dimension 3: 'tensor<2x4x4x3xf32>' and 'tensor<2x4x5x3xf32>'}}
  // expected-error@+1 {{'nn.concatenate' op failed to infer returned types}}
  %0 = nn.concatenate %arg0, %arg1 {axis = 3 : i64} : tensor<2x4x4x3xf32>, tensor<2x4x5x3xf32> -> tensor<2x4x4x6xf32>
  return
}

// -----

func.func @element_types(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<2x4x4x3xf64>) {
  // expected-error@+2 {{the sources differ in more than dimension 3}}
  // expected-error@+1 {{'nn.concatenate' op failed to infer returned types}}
  %0 = nn.concatenate %arg0, %arg1 {axis = 3 : i64} : tensor<2x4x4x3xf32>, tensor<2x4x4x3xf64> -> tensor<2x4x4x6xf32>
  return
}

// -----

func.func @result(%arg0: tensor<2x4x4x3xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<2x4x4x6xf32>' are incompatible with return type(s) of operation 'tensor<2x4x4x7xf32>'}}
  // expected-error@+1 {{'nn.concatenate' op failed to infer returned types}}
  %0 = nn.concatenate %arg0, %arg0 {axis = 3 : i64} : tensor<2x4x4x3xf32>, tensor<2x4x4x3xf32> -> tensor<2x4x4x7xf32>
  return
}
