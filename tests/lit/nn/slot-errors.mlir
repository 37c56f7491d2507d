// RUN: nncc-opt %s --split-input-file --verify-diagnostics

nn.program @type attributes {batch = 1 : i64, layers = [], train = {}, data = {}} {
  // expected-error@+1 {{statically shaped tensor of 32-bit float or 64-bit float values}}
  nn.slot @m : f32
}

// -----

module {
  // expected-error@+1 {{'nn.slot' op expects parent op 'nn.program'}}
  nn.slot @m : tensor<3xf32>
}
