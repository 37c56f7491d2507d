// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @weights(%arg0: tensor<4x7x8xf32>, %arg1: tensor<8x32xf32>) {
  // expected-error@+2 {{weights must be 'tensor<8x8xf32>', found 'tensor<8x32xf32>'}}
  // expected-error@+1 {{'nn.simple_rnn' op failed to infer returned types}}
  %h = nn.simple_rnn %arg0, %arg1 : (tensor<4x7x8xf32>, tensor<8x32xf32>) -> tensor<4x7x8xf32>
  return
}

// -----

func.func @mask(%arg0: tensor<4x7x8xf32>, %arg1: tensor<8x8xf32>, %arg2: tensor<4x7xf32>) {
  // expected-error@+2 {{mask must be 'tensor<4x8xf32>', found 'tensor<4x7xf32>'}}
  // expected-error@+1 {{'nn.simple_rnn' op failed to infer returned types}}
  %h = nn.simple_rnn %arg0, %arg1 mask %arg2 : (tensor<4x7x8xf32>, tensor<8x8xf32>, tensor<4x7xf32>) -> tensor<4x7x8xf32>
  return
}
