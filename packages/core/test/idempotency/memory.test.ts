import { recordStoreConformance } from './conformance/suite.js';
import { memorySubject } from './subject.js';

recordStoreConformance('in memory', memorySubject);
