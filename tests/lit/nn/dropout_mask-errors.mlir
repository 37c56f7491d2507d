// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @samples(%arg0: tensor<4x7x8xf32>) {
  // expected-error@+1 {{'nn.dropout_mask' op must give [N,columns] for src [N,...], found 'tensor<4x7x8xf32>' -> 'tensor<5x8xf32>'}}
  %0 = nn.dropout_mask %arg0 {rate = 0.25 : f64, stream = 7 : i64} : tensor<4x7x8xf32> -> tensor<5x8xf32>
  return
}

// -----

func.func @rate(%arg0: tensor<4x7x8xf32>) {
  // expected-error@+1 {{rate must be from 0 to below 1, found 1.0}}
  %0 = nn.dropout_mask %arg0 {rate = 1.0 : f64, stream = 7 : i64} : tensor<4x7x8xf32> -> tensor<4x8xf32>
  return
}
