// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @lengths(%arg0: tensor<2x3xf32>, %arg1: tensor<3xi32>) {
  // expected-error@+2 {{lengths must have one number for each of the samples of diff_dst}}
  // expected-error@+1 {{'nn.last_step_bwd' op failed to infer returned types}}
  %0 = nn.last_step_bwd %arg0, %arg1 {steps = 5 : i64} : tensor<2x3xf32>, tensor<3xi32> -> tensor<2x5x3xf32>
  return
}

// -----

func.func @steps(%arg0: tensor<2x3xf32>, %arg1: tensor<2xi32>) {
  // expected-error@+2 {{at least one step expected, found 0}}
  // expected-error@+1 {{'nn.last_step_bwd' op failed to infer returned types}}
  %0 = nn.last_step_bwd %arg0, %arg1 {steps = 0 : i64} : tensor<2x3xf32>, tensor<2xi32> -> tensor<2x0x3xf32>
  return
}
