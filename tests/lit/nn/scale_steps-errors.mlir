// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%arg0: tensor<4x8xf32>, %arg1: tensor<4x8xf32>) {
  // expected-error@+2 {{src must be [N,T,F], found 'tensor<4x8xf32>'}}
  // expected-error@+1 {{'nn.scale_steps' op failed to infer returned types}}
  %0 = nn.scale_steps %arg0, %arg1 : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @scale(%arg0: tensor<4x7x8xf32>, %arg1: tensor<4x7xf32>) {
  // expected-error@+2 {{scale must be 'tensor<4x8xf32>', found 'tensor<4x7xf32>'}}
  // expected-error@+1 {{'nn.scale_steps' op failed to infer returned types}}
  %0 = nn.scale_steps %arg0, %arg1 : tensor<4x7x8xf32>, tensor<4x7xf32> -> tensor<4x7x8xf32>
  return
}
