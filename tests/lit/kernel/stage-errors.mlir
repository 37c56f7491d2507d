// RUN: nncc-opt %s --kernel-stage --split-input-file --verify-diagnostics

// A kernel that sees two numbers of rows of each sample has no slice.
nn.program @mixed attributes {batch = 4 : i64, layers = [], train = {}, data = {}} {
  func.func @predict(%x: tensor<24x3xf32> {nn.role = "input", nn.name = "x"}, %y: tensor<4x3xf32> {nn.role = "input", nn.name = "y"}) -> (tensor<24x3xf32> {nn.name = "z"}) attributes {nn.entry = "predict"} {
    // expected-error @+1 {{this is a bug in nncc, not in the model: kernel 'relu' cuts tensors with different numbers of rows for each of 4 samples}}
    %0 = kernel.fused "relu" (%x, %y) attributes {sliced_inputs = array<i1: true, true>, sliced_results = array<i1: true>, accumulates = array<i1: false>, in_place = array<i64: -1>} : (tensor<24x3xf32>, tensor<4x3xf32>) -> tensor<24x3xf32> {
    ^bb0(%a: tensor<24x3xf32>, %b: tensor<4x3xf32>):
      %1 = nn.relu %a : tensor<24x3xf32>
      kernel.yield %1 : tensor<24x3xf32>
    }
    return %0 : tensor<24x3xf32>
  }
}

// -----

// Nor has one whose rows are no whole number of each sample's.
nn.program @parts attributes {batch = 4 : i64, layers = [], train = {}, data = {}} {
  func.func @predict(%x: tensor<6x3xf32> {nn.role = "input", nn.name = "x"}) -> (tensor<6x3xf32> {nn.name = "z"}) attributes {nn.entry = "predict"} {
    // expected-error @+1 {{this is a bug in nncc, not in the model: kernel 'relu' cuts tensors with different numbers of rows for each of 4 samples}}
    %0 = kernel.fused "relu" (%x) attributes {sliced_inputs = array<i1: true>, sliced_results = array<i1: true>, accumulates = array<i1: false>, in_place = array<i64: -1>} : (tensor<6x3xf32>) -> tensor<6x3xf32> {
    ^bb0(%a: tensor<6x3xf32>):
      %1 = nn.relu %a : tensor<6x3xf32>
      kernel.yield %1 : tensor<6x3xf32>
    }
    return %0 : tensor<6x3xf32>
  }
}

// -----

// Only slices of the same tasks go on with one another.
nn.program @joined attributes {batch = 4 : i64, layers = [], train = {}, data = {}} {
  func.func @predict(%x: tensor<4x3xf32> {nn.role = "input", nn.name = "x"}) -> (tensor<4x3xf32> {nn.name = "z"}) attributes {nn.entry = "predict"} {
    kernel.stage elements tasks 8
    // expected-error @+1 {{is joined to a stage that is not over samples with as many tasks}}
    kernel.stage samples tasks 8 {joined, slice = 1 : i64}
    return %x : tensor<4x3xf32>
  }
}
