// RUN: nncc-opt %s --split-input-file --kernel-fuse --kernel-stage --kernel-lengths | FileCheck %s

// The products of steps and the loop stop where the longest sample ends: what stands behind it is read by none but
// last_step, which looks at the steps that count.
// CHECK-LABEL: nn.program @stops
// CHECK: kernel.fused "dense" {{.*}}lengths = 1 : i64
// CHECK: kernel.fused "simple_rnn" {{.*}}lengths = 1 : i64
// CHECK: kernel.fused "last_step"
// CHECK-NOT: lengths = 1
nn.program @stops attributes {batch = 4 : i64, lanes = 2 : i64, layers = [], train = {}, data = {}} {
  nn.parameter @w : tensor<3x5xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 5 : i64}
  nn.parameter @r : tensor<5x5xf32> {initializer = {name = "zeros"}, fan_in = 5 : i64, fan_out = 5 : i64}
  func.func @predict(%x: tensor<4x9x3xf32> {nn.role = "input", nn.name = "x"}, %l: tensor<4xi32> {nn.role = "input", nn.name = "x.lengths"}) -> (tensor<4x5xf32> {nn.name = "y"}) attributes {nn.entry = "predict"} {
    %w = nn.read @w : tensor<3x5xf32>
    %r = nn.read @r : tensor<5x5xf32>
    %rows = nn.reshape %x : tensor<4x9x3xf32> -> tensor<36x3xf32>
    %p = nn.dense %rows, %w : tensor<36x3xf32>, tensor<3x5xf32> -> tensor<36x5xf32>
    %g = nn.reshape %p : tensor<36x5xf32> -> tensor<4x9x5xf32>
    %h = nn.simple_rnn %g, %r lengths %l : (tensor<4x9x5xf32>, tensor<5x5xf32>, tensor<4xi32>) -> tensor<4x9x5xf32>
    %y = nn.last_step %h, %l : tensor<4x9x5xf32>, tensor<4xi32> -> tensor<4x5xf32>
    return %y : tensor<4x5xf32>
  }
}

// -----

// The whole sequence is a result: the loop goes through all steps. Its gates are not read where no sample has a step.
// CHECK-LABEL: nn.program @shown
// CHECK: kernel.fused "dense" {{.*}}lengths = 1 : i64
// CHECK: kernel.fused "simple_rnn"
// CHECK-NOT: lengths = 1
nn.program @shown attributes {batch = 4 : i64, lanes = 2 : i64, layers = [], train = {}, data = {}} {
  nn.parameter @w : tensor<3x5xf32> {initializer = {name = "zeros"}, fan_in = 3 : i64, fan_out = 5 : i64}
  nn.parameter @r : tensor<5x5xf32> {initializer = {name = "zeros"}, fan_in = 5 : i64, fan_out = 5 : i64}
  func.func @predict(%x: tensor<4x9x3xf32> {nn.role = "input", nn.name = "x"}, %l: tensor<4xi32> {nn.role = "input", nn.name = "x.lengths"}) -> (tensor<4x9x5xf32> {nn.name = "h"}) attributes {nn.entry = "predict"} {
    %w = nn.read @w : tensor<3x5xf32>
    %r = nn.read @r : tensor<5x5xf32>
    %rows = nn.reshape %x : tensor<4x9x3xf32> -> tensor<36x3xf32>
    %p = nn.dense %rows, %w : tensor<36x3xf32>, tensor<3x5xf32> -> tensor<36x5xf32>
    %g = nn.reshape %p : tensor<36x5xf32> -> tensor<4x9x5xf32>
    %h = nn.simple_rnn %g, %r lengths %l : (tensor<4x9x5xf32>, tensor<5x5xf32>, tensor<4xi32>) -> tensor<4x9x5xf32>
    return %h : tensor<4x9x5xf32>
  }
}
