// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @samples(%arg0: tensor<5xi32>, %arg1: tensor<i64>, %arg2: tensor<i64>) {
  // expected-error@+1 {{'nn.random_mask' op must give [N,columns] for sample_ids [N], found 'tensor<5xi32>' -> 'tensor<4x8xf32>'}}
  %0 = nn.random_mask %arg0, %arg1, %arg2 {rate = 0.25 : f64, stream = 7 : i64} : tensor<5xi32>, tensor<i64>, tensor<i64> -> tensor<4x8xf32>
  return
}

// -----

func.func @rate(%arg0: tensor<4xi32>, %arg1: tensor<i64>, %arg2: tensor<i64>) {
  // expected-error@+1 {{rate must be from 0 to below 1, found -5.0}}
  %0 = nn.random_mask %arg0, %arg1, %arg2 {rate = -0.5 : f64, stream = 7 : i64} : tensor<4xi32>, tensor<i64>, tensor<i64> -> tensor<4x8xf32>
  return
}
