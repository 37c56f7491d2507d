// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%arg0: tensor<4x6x2xf32>, %arg1: tensor<4x6x2xf32>) {
  // expected-error@+2 {{lhs must be [N,values], found 'tensor<4x6x2xf32>'}}
  // expected-error@+1 {{'nn.distance' op failed to infer returned types}}
  %0 = nn.distance euclidean %arg0, %arg1 : tensor<4x6x2xf32> -> tensor<4xf32>
  return
}

// -----

func.func @sizes(%arg0: tensor<4x6xf32>, %arg1: tensor<4x5xf32>) {
  // expected-error@+1 {{'nn.distance' op failed to verify that all of {lhs, rhs} have same type}}
  %0 = "nn.distance"(%arg0, %arg1) <{metric = 0 : i64}> : (tensor<4x6xf32>, tensor<4x5xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @result(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<4xf32>' are incompatible with return type(s) of operation 'tensor<4x1xf32>'}}
  // expected-error@+1 {{'nn.distance' op failed to infer returned types}}
  %0 = nn.distance cosine %arg0, %arg1 : tensor<4x6xf32> -> tensor<4x1xf32>
  return
}
