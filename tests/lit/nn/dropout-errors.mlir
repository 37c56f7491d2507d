// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @rate(%arg0: tensor<2x5xf32>) {
  // expected-error@+1 {{'nn.dropout' op rate must be from 0 to below 1, found 1.0}}
  %0 = nn.dropout %arg0 {rate = 1.0 : f64, stream = 7 : i64} : tensor<2x5xf32>
  return
}

// -----

func.func @negative(%arg0: tensor<2x5xf32>) {
  // expected-error@+1 {{'nn.dropout' op rate must be from 0 to below 1, found -5.0}}
  %0 = nn.dropout %arg0 {rate = -0.5 : f64, stream = 7 : i64} : tensor<2x5xf32>
  return
}
