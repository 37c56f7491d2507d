// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @weights(%arg0: tensor<8x24xf32>, %arg1: tensor<4x7x32xf32>, %arg2: tensor<4x7x8xf32>, %arg3: tensor<4x7x8xf32>) {
  // expected-error@+2 {{weights must be 'tensor<24x8xf32>', found 'tensor<8x24xf32>'}}
  // expected-error@+1 {{'nn.gru_bwd' op failed to infer returned types}}
  %g, %u, %s = nn.gru_bwd %arg0, %arg1, %arg2, %arg3 : (tensor<8x24xf32>, tensor<4x7x32xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>) -> (tensor<4x7x24xf32>, tensor<4x7x24xf32>, tensor<4x7x8xf32>)
  return
}

// -----

func.func @hidden(%arg0: tensor<24x8xf32>, %arg1: tensor<4x7x32xf32>, %arg2: tensor<4x8xf32>, %arg3: tensor<4x7x8xf32>) {
  // expected-error@+2 {{hidden must be [N,T,units], found 'tensor<4x8xf32>'}}
  // expected-error@+1 {{'nn.gru_bwd' op failed to infer returned types}}
  %g, %u, %s = nn.gru_bwd %arg0, %arg1, %arg2, %arg3 : (tensor<24x8xf32>, tensor<4x7x32xf32>, tensor<4x8xf32>, tensor<4x7x8xf32>) -> (tensor<4x7x24xf32>, tensor<4x7x24xf32>, tensor<4x7x8xf32>)
  return
}
