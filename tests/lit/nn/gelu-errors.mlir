// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @integers(%arg0: tensor<2x4xi32>) {
  // expected-error@+1 {{operand #0 must be statically shaped tensor of 32-bit float or 64-bit float values, but got 'tensor<2x4xi32>'}}
  %0 = nn.gelu %arg0 : tensor<2x4xi32>
  return
}

// -----

func.func @shape(%arg0: tensor<2x4xf32>) {
  // expected-error@+1 {{'nn.gelu' op requires the same type for all operands and results}}
  %0 = "nn.gelu"(%arg0) : (tensor<2x4xf32>) -> tensor<4x2xf32>
  return
}
