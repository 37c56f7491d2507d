// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @lengths(%arg0: tensor<i32>) {
  // expected-error@+2 {{lengths must be [N], found 'tensor<i32>'}}
  // expected-error@+1 {{'nn.count_steps' op failed to infer returned types}}
  %0 = nn.count_steps %arg0, %arg0 : tensor<i32>, tensor<i32> -> tensor<i32>
  return
}

// -----

func.func @samples(%arg0: tensor<4xi32>) {
  // expected-error@+2 {{samples must be a scalar, found 'tensor<4xi32>'}}
  // expected-error@+1 {{'nn.count_steps' op failed to infer returned types}}
  %0 = nn.count_steps %arg0, %arg0 : tensor<4xi32>, tensor<4xi32> -> tensor<4xi32>
  return
}
