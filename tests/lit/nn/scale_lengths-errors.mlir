// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @divide(%arg0: tensor<4xi32>) {
  // expected-error@+2 {{multiply and divide must be positive, found 1 and 0}}
  // expected-error@+1 {{'nn.scale_lengths' op failed to infer returned types}}
  %0 = nn.scale_lengths %arg0 {add = -1 : i64, divide = 0 : i64, multiply = 1 : i64} : tensor<4xi32> -> tensor<4xi32>
  return
}

// -----

func.func @rank(%arg0: tensor<4x1xi32>) {
  // expected-error@+2 {{lengths must be [N], found 'tensor<4x1xi32>'}}
  // expected-error@+1 {{'nn.scale_lengths' op failed to infer returned types}}
  %0 = nn.scale_lengths %arg0 {add = -1 : i64, divide = 2 : i64, multiply = 1 : i64} : tensor<4x1xi32> -> tensor<4x1xi32>
  return
}
