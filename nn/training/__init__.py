"""Training: the loop and what one wants around it.

    metrics.py     how good is a model, apart from its loss?
    history.py     what happened during training?
    pairs.py       what is in a batch?
    trainer.py     what is training?
    parts.py       what can be trained?
    measuring.py   how good is a model on other data, and is all as it was afterwards?
    run_state.py   what does the rest of a run depend on?
    divergence.py  what happens when a loss or a gradient is not finite?
    failure.py     where did the first NaN come from?
    randomness.py  where does chance stand?
    precision.py   in which precision is a network trained?
    callbacks.py   who is told what happens?
    checkpoint.py  how does a run survive?
    log.py         how is the course of a run written down? (with tfevents.py)
    pictures.py    how does training look? (with signals.py)
    confusion.py   what is taken for what?
    figure.py      what do all pictures have in common?
    __main__.py    how does one train from the shell? (with named.py)
    doctor.py      what is wrong with this training script? (with finding.py, examination.py)
    ownership.py, batch.py, criterion.py, signal_flow.py, learning.py    what it looks at
    problem.py     what is to be trained, and on what?
    sanity.py      is there a mistake, before anything is trained for long?
    range_test.py  which learning rates learn at all?
    curves.py      what do the loss and accuracy curves say?
    search.py      which hyper-parameters are best? (with space.py)
    recipe.py      how does one find hyper-parameters? All steps at once
    evaluation.py  how does one get more out of trained models?

This is the one place where `nn` uses `optim`.
"""

from nn.training.callbacks import Callback, EarlyStopping, Progress
from nn.training.checkpoint import Checkpoints, latest, load_checkpoint, save_checkpoint
from nn.training.curves import look_at_curves
from nn.training.doctor import doctor
from nn.training.evaluation import Ensemble, MonteCarlo, calibration_error, compare_stochastic, monte_carlo, test_time_augmentation
from nn.training.failure import NonFiniteLoss
from nn.training.finding import Diagnosis, Finding
from nn.training.history import History
from nn.training.log import CSVLog, JSONLog, TensorBoardLog
from nn.training.metrics import R2, Accuracy, ConfusionMatrix, MeanAbsoluteError, MeanSquaredError, Metric, TopK
from nn.training.precision import Mixed, Precision
from nn.training.problem import Problem, Step
from nn.training.range_test import lr_range_test
from nn.training.recipe import Report, coarse_search, fine_search, run_recipe
from nn.training.sanity import check_initial_loss, overfit_few
from nn.training.search import Trial, Trials, grid_search, random_search
from nn.training.signals import UpdateRatios, signals
from nn.training.space import choice, integers, log_uniform, uniform
from nn.training.trainer import Trainer

__all__ = ["Accuracy", "CSVLog", "Callback", "Checkpoints", "ConfusionMatrix", "EarlyStopping", "History", "JSONLog",
           "MeanAbsoluteError", "MeanSquaredError", "Metric", "Mixed", "NonFiniteLoss", "Precision", "Progress", "R2", "TensorBoardLog",
           "TopK", "Trainer", "UpdateRatios", "latest", "load_checkpoint", "save_checkpoint", "signals"]
__all__ += ["Diagnosis", "Ensemble", "Finding", "MonteCarlo", "Problem", "Report", "Step", "Trial", "Trials",
            "calibration_error", "check_initial_loss", "choice", "coarse_search", "compare_stochastic", "doctor",
            "fine_search", "grid_search", "integers", "log_uniform", "look_at_curves", "lr_range_test", "monte_carlo",
            "overfit_few", "random_search", "run_recipe", "test_time_augmentation", "uniform"]
