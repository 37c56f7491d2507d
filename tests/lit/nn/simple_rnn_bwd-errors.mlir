// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @gradient(%arg0: tensor<8x8xf32>, %arg1: tensor<4x7x8xf32>, %arg2: tensor<4x8xf32>) {
  // expected-error@+2 {{diff_hidden must be 'tensor<4x7x8xf32>', found 'tensor<4x8xf32>'}}
  // expected-error@+1 {{'nn.simple_rnn_bwd' op failed to infer returned types}}
  %g, %s = nn.simple_rnn_bwd %arg0, %arg1, %arg2 : (tensor<8x8xf32>, tensor<4x7x8xf32>, tensor<4x8xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x8xf32>)
  return
}
