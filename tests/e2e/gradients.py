"""Through whole networks: every parameter's gradient against central differences, in f64."""

from support import Arguments, Case, DATA, HERE, main


class Gradients(Case):
    def all_right(self, model, count, *options):
        run = self.run_program([Arguments.nncc, "check-grad", HERE / model, "-Werror",
                                "--elements", 12, *options])
        self.assertIn(f"all {count} gradients are right", run.stdout)

    def test_layers(self):
        self.all_right("layers.yaml", 14, "--data", DATA)

    def test_convolutions(self):
        self.all_right("convolutions.yaml", 18, "--data", DATA, "--seed", 2)

    def test_sequences(self):
        self.all_right("sequences.yaml", 8)


if __name__ == "__main__":
    main()
