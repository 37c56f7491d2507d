// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rank(%arg0: tensor<4xf32>) {
  // expected-error@+2 {{src must be [N,classes], found 'tensor<4xf32>'}}
  // expected-error@+1 {{'nn.argmax' op failed to infer returned types}}
  %0 = nn.argmax %arg0 : tensor<4xf32> -> tensor<4xi32>
  return
}

// -----

func.func @labels(%arg0: tensor<4x6xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<4xi32>' are incompatible with return type(s) of operation 'tensor<4x6xi32>'}}
  // expected-error@+1 {{'nn.argmax' op failed to infer returned types}}
  %0 = nn.argmax %arg0 : tensor<4x6xf32> -> tensor<4x6xi32>
  return
}
