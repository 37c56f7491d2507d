// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %hidden, %activations = nn.gru %arg0, %arg1 : (tensor<4x7x24xf32>, tensor<8x24xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x32xf32>)
func.func @plain(%arg0: tensor<4x7x24xf32>, %arg1: tensor<8x24xf32>) {
  %hidden, %activations = nn.gru %arg0, %arg1 : (tensor<4x7x24xf32>, tensor<8x24xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x32xf32>)
  return
}

// CHECK-LABEL: func.func @all
// CHECK-NEXT:    %hidden, %activations = nn.gru %arg0, %arg1 bias %arg2 lengths %arg3 initial_hidden %arg4 mask %arg5 {reversed = true} : (tensor<4x7x24xf32>, tensor<8x24xf32>, tensor<24xf32>, tensor<4xi32>, tensor<4x8xf32>, tensor<4x8xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x32xf32>)
func.func @all(%arg0: tensor<4x7x24xf32>, %arg1: tensor<8x24xf32>, %arg2: tensor<24xf32>, %arg3: tensor<4xi32>, %arg4: tensor<4x8xf32>, %arg5: tensor<4x8xf32>) {
  %hidden, %activations = nn.gru %arg0, %arg1 bias %arg2 lengths %arg3 initial_hidden %arg4 mask %arg5 {reversed = true} : (tensor<4x7x24xf32>, tensor<8x24xf32>, tensor<24xf32>, tensor<4xi32>, tensor<4x8xf32>, tensor<4x8xf32>) -> (tensor<4x7x8xf32>, tensor<4x7x32xf32>)
  return
}
