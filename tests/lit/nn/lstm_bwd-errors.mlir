// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @no_gradient(%arg0: tensor<32x8xf32>, %arg1: tensor<4x7x32xf32>, %arg2: tensor<4x7x8xf32>) {
  // expected-error@+2 {{diff_hidden or diff_cells must be there}}
  // expected-error@+1 {{'nn.lstm_bwd' op failed to infer returned types}}
  %g, %c, %s = nn.lstm_bwd %arg0, %arg1, %arg2 : (tensor<32x8xf32>, tensor<4x7x32xf32>, tensor<4x7x8xf32>) -> (tensor<4x7x32xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>)
  return
}

// -----

func.func @weights(%arg0: tensor<8x32xf32>, %arg1: tensor<4x7x32xf32>, %arg2: tensor<4x7x8xf32>, %arg3: tensor<4x7x8xf32>) {
  // expected-error@+2 {{weights must be 'tensor<32x8xf32>', found 'tensor<8x32xf32>'}}
  // expected-error@+1 {{'nn.lstm_bwd' op failed to infer returned types}}
  %g, %c, %s = nn.lstm_bwd %arg0, %arg1, %arg2 diff_hidden %arg3 : (tensor<8x32xf32>, tensor<4x7x32xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>) -> (tensor<4x7x32xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>)
  return
}

// -----

func.func @activations(%arg0: tensor<32x8xf32>, %arg1: tensor<4x7x8xf32>, %arg2: tensor<4x7x8xf32>, %arg3: tensor<4x7x8xf32>) {
  // expected-error@+2 {{activations must be 'tensor<4x7x32xf32>', found 'tensor<4x7x8xf32>'}}
  // expected-error@+1 {{'nn.lstm_bwd' op failed to infer returned types}}
  %g, %c, %s = nn.lstm_bwd %arg0, %arg1, %arg2 diff_hidden %arg3 : (tensor<32x8xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>) -> (tensor<4x7x32xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>)
  return
}
