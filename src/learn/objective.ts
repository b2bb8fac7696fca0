import { gradients, ops, type Tensor } from '../graph/index.js';
import * as heads from '../model/heads.js';
import { type Parameters, vit } from '../model/vit.js';
import type { GraphOptions, Objective, StudentGraph, TeacherGraph } from '../runtime/training.js';
import { decays } from './adamw.js';
import { contrastive } from './contrastive.js';
import { centreSizes, inTeacher, type StepConfig, studentParameters, termsOf } from './programs.js';
import { centred, crossEntropy, sinkhornKnopp, targetFigures } from './targets.js';
