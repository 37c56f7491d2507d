// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%arg0: tensor<4x32xf32>, %arg1: tensor<8x32xf32>) {
  // expected-error@+2 {{gates must be [N,T,units], found 'tensor<4x32xf32>'}}
  // expected-error@+1 {{'nn.lstm' op failed to infer returned types}}
  %h, %c, %a = nn.lstm %arg0, %arg1 : (tensor<4x32xf32>, tensor<8x32xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4x7x32xf32>)
  return
}

// -----

func.func @columns(%arg0: tensor<4x7x30xf32>, %arg1: tensor<8x32xf32>) {
  // expected-error@+2 {{gates must have 4 columns a unit, found 30}}
  // expected-error@+1 {{'nn.lstm' op failed to infer returned types}}
  %h, %c, %a = nn.lstm %arg0, %arg1 : (tensor<4x7x30xf32>, tensor<8x32xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4x7x32xf32>)
  return
}

// -----

func.func @weights(%arg0: tensor<4x7x32xf32>, %arg1: tensor<32x8xf32>) {
  // expected-error@+2 {{weights must be 'tensor<8x32xf32>', found 'tensor<32x8xf32>'}}
  // expected-error@+1 {{'nn.lstm' op failed to infer returned types}}
  %h, %c, %a = nn.lstm %arg0, %arg1 : (tensor<4x7x32xf32>, tensor<32x8xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4x7x32xf32>)
  return
}

// -----

func.func @lengths(%arg0: tensor<4x7x32xf32>, %arg1: tensor<8x32xf32>, %arg2: tensor<5xi32>) {
  // expected-error@+2 {{lengths must be 'tensor<4xi32>', found 'tensor<5xi32>'}}
  // expected-error@+1 {{'nn.lstm' op failed to infer returned types}}
  %h, %c, %a = nn.lstm %arg0, %arg1 lengths %arg2 : (tensor<4x7x32xf32>, tensor<8x32xf32>, tensor<5xi32>) -> (tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4x7x32xf32>)
  return
}

// -----

func.func @one_state(%arg0: tensor<4x7x32xf32>, %arg1: tensor<8x32xf32>, %arg2: tensor<4x8xf32>) {
  // expected-error@+2 {{initial_hidden and initial_cell must both be there, or none}}
  // expected-error@+1 {{'nn.lstm' op failed to infer returned types}}
  %h, %c, %a = nn.lstm %arg0, %arg1 initial_hidden %arg2 : (tensor<4x7x32xf32>, tensor<8x32xf32>, tensor<4x8xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4x7x32xf32>)
  return
}

// -----

func.func @activation(%arg0: tensor<4x7x32xf32>, %arg1: tensor<8x32xf32>) {
  // expected-error@+2 {{activation must be one of linear, relu, sigmoid, tanh, hard_sigmoid, found swish}}
  // expected-error@+1 {{'nn.lstm' op failed to infer returned types}}
  %h, %c, %a = nn.lstm %arg0, %arg1 {activation = "swish"} : (tensor<4x7x32xf32>, tensor<8x32xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4x7x32xf32>)
  return
}
