// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @weights(%arg0: tensor<4xf32>, %arg1: tensor<4xf32>) {
  // expected-error@+1 {{'nn.total_loss' op has 2 losses and 1 weights}}
  %0 = nn.total_loss %arg0, %arg1 {weights = array<f64: 1.0>} : tensor<4xf32>
  return
}

// -----

func.func @rank(%arg0: tensor<4x2xf32>) {
  // expected-error@+1 {{'nn.total_loss' op adds numbers by sample, [N]}}
  %0 = nn.total_loss %arg0 {weights = array<f64: 1.0>} : tensor<4x2xf32>
  return
}

// -----

func.func @nothing() {
  // expected-error@+1 {{'nn.total_loss' op}}
  %0 = "nn.total_loss"() <{weights = array<f64>}> : () -> tensor<4xf32>
  return
}
