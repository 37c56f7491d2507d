// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @table(%arg0: tensor<4x6xf32>, %arg1: tensor<100xf32>) {
  // expected-error@+2 {{weights must be [rows,columns], found 'tensor<100xf32>'}}
  // expected-error@+1 {{'nn.embedding' op failed to infer returned types}}
  %0 = nn.embedding %arg0, %arg1 : tensor<4x6xf32>, tensor<100xf32> -> tensor<4x6xf32>
  return
}

// -----

func.func @samples(%arg0: tensor<f32>, %arg1: tensor<100x8xf32>) {
  // expected-error@+2 {{src must be [N,...], found 'tensor<f32>'}}
  // expected-error@+1 {{'nn.embedding' op failed to infer returned types}}
  %0 = nn.embedding %arg0, %arg1 : tensor<f32>, tensor<100x8xf32> -> tensor<8xf32>
  return
}

// -----

func.func @result(%arg0: tensor<4x6xf32>, %arg1: tensor<100x8xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<4x6x8xf32>' are incompatible}}
  // expected-error@+1 {{'nn.embedding' op failed to infer returned types}}
  %0 = nn.embedding %arg0, %arg1 : tensor<4x6xf32>, tensor<100x8xf32> -> tensor<4x6x100xf32>
  return
}

// -----

func.func @element_types(%arg0: tensor<4x6xf64>, %arg1: tensor<100x8xf32>) {
  // expected-error@+1 {{'nn.embedding' op failed to verify that all of {src, weights, dst} have same element type}}
  %0 = nn.embedding %arg0, %arg1 : tensor<4x6xf64>, tensor<100x8xf32> -> tensor<4x6x8xf32>
  return
}
