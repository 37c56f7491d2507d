// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @shapes(%arg0: tensor<2x10xf32>, %arg1: tensor<2x11xf32>) {
  // expected-error@+1 {{'nn.maximum_bwd' op requires the same type for all operands and results}}
  %0 = "nn.maximum_bwd"(%arg0, %arg0, %arg1) {operand = 0 : i64} : (tensor<2x10xf32>, tensor<2x10xf32>, tensor<2x11xf32>) -> tensor<2x10xf32>
  return
}

// -----

func.func @operand(%arg0: tensor<2x10xf32>) {
  // expected-error@+1 {{'nn.maximum_bwd' op attribute 'operand' failed to satisfy constraint: 64-bit signless integer attribute whose value is non-negative whose maximum value is 1}}
  %0 = nn.maximum_bwd %arg0, %arg0, %arg0 {operand = 2 : i64} : tensor<2x10xf32>
  return
}
