// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @types(%x: tensor<4x3xf32>) {
  // expected-error @+1 {{result 0 has type 'tensor<4x3xf32>', its value 'tensor<3xf32>'}}
  %0 = kernel.fused "reshape" (%x) attributes {sliced_inputs = array<i1: true>, sliced_results = array<i1: true>, accumulates = array<i1: false>, in_place = array<i64: -1>} : (tensor<4x3xf32>) -> tensor<4x3xf32> {
  ^bb0(%a: tensor<4x3xf32>):
    %1 = nn.sum_lanes %a : tensor<4x3xf32> -> tensor<3xf32>
    kernel.yield %1 : tensor<3xf32>
  }
  return
}

// -----

func.func @flags(%x: tensor<4x3xf32>) {
  // expected-error @+1 {{sliced_inputs must have one flag an input}}
  %0 = kernel.fused "relu" (%x) attributes {sliced_inputs = array<i1>, sliced_results = array<i1: true>, accumulates = array<i1: false>, in_place = array<i64: -1>} : (tensor<4x3xf32>) -> tensor<4x3xf32> {
  ^bb0(%a: tensor<4x3xf32>):
    %1 = nn.relu %a : tensor<4x3xf32>
    kernel.yield %1 : tensor<4x3xf32>
  }
  return
}

// -----

func.func @anchors(%x: tensor<4x3xf32>, %w: tensor<3x3xf32>) {
  // expected-error @+1 {{has 2 anchors, at most one expected}}
  %0 = kernel.fused "dense+dense" (%x, %w) attributes {sliced_inputs = array<i1: true, false>, sliced_results = array<i1: true>, accumulates = array<i1: false>, in_place = array<i64: -1>} : (tensor<4x3xf32>, tensor<3x3xf32>) -> tensor<4x3xf32> {
  ^bb0(%a: tensor<4x3xf32>, %b: tensor<3x3xf32>):
    %1 = nn.dense %a, %b : tensor<4x3xf32>, tensor<3x3xf32> -> tensor<4x3xf32>
    %2 = nn.dense %1, %b : tensor<4x3xf32>, tensor<3x3xf32> -> tensor<4x3xf32>
    kernel.yield %2 : tensor<4x3xf32>
  }
  return
}
