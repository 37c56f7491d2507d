// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @columns(%arg0: tensor<4x7x32xf32>, %arg1: tensor<8x24xf32>) {
  // expected-error@+2 {{gates must have 3 columns a unit, found 32}}
  // expected-error@+1 {{'nn.gru' op failed to infer returned types}}
  %h, %a = nn.gru %arg0, %arg1 : (tensor<4x7x32xf32>, tensor<8x24xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x32xf32>)
  return
}

// -----

func.func @bias(%arg0: tensor<4x7x24xf32>, %arg1: tensor<8x24xf32>, %arg2: tensor<2x24xf32>) {
  // expected-error@+2 {{bias must be 'tensor<24xf32>', found 'tensor<2x24xf32>'}}
  // expected-error@+1 {{'nn.gru' op failed to infer returned types}}
  %h, %a = nn.gru %arg0, %arg1 bias %arg2 : (tensor<4x7x24xf32>, tensor<8x24xf32>, tensor<2x24xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x32xf32>)
  return
}

// -----

func.func @state(%arg0: tensor<4x7x24xf32>, %arg1: tensor<8x24xf32>, %arg2: tensor<5x8xf32>) {
  // expected-error@+2 {{initial_hidden must be 'tensor<4x8xf32>', found 'tensor<5x8xf32>'}}
  // expected-error@+1 {{'nn.gru' op failed to infer returned types}}
  %h, %a = nn.gru %arg0, %arg1 initial_hidden %arg2 : (tensor<4x7x24xf32>, tensor<8x24xf32>, tensor<5x8xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x32xf32>)
  return
}
